import { parse } from 'dotenv';

/** The settings of a `.env` file. Parsing alone prints nothing, where dotenv's own loading would, on stdout. */
export const parseEnvFile = (content: string): Record<string, string> => parse(content);
