import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { builtServer } from './session.js';

export type Message = Record<string, any>;

/** The built server with bare pipes: every byte of it can be seen, and every byte sent to it. */
export class RawServer {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly messages: Message[] = [];
  /** Lines on stdout that are no JSON. */
  readonly noise: string[] = [];
  stderr = '';
  readonly exit: Promise<number | null>;
  #rest = '';

  constructor(env: Record<string, string>, args: readonly string[] = []) {
    this.child = spawn(process.execPath, [builtServer, ...args], {
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout.on('data', (chunk) => this.#read(String(chunk)));
    this.child.stderr.on('data', (chunk) => {
      this.stderr += String(chunk);
    });
    this.child.stdin.on('error', () => {});
    this.exit = new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
  }

  #read(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      try {
        this.messages.push(JSON.parse(line));
      } catch {
        this.noise.push(line);
      }
    }
  }

  send(message: object | string): void {
    this.child.stdin.write(
      `${typeof message === 'string' ? message : JSON.stringify({ jsonrpc: '2.0', ...message })}\n`,
    );
  }

  async initialize({ version = '2025-11-25', capabilities = {} } = {}): Promise<Message> {
    const clientInfo = { name: 'raw', version: '0' };
    this.send({
      id: 0,
      method: 'initialize',
      params: { protocolVersion: version, capabilities, clientInfo },
    });
    const answer = await this.answer(0);
    this.send({ method: 'notifications/initialized' });
    return answer;
  }

  callTool(id: number, name: string, args: object = {}, meta?: object): void {
    const params = { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) };
    this.send({ id, method: 'tools/call', params });
  }

  /** The answer to a request, as soon as it is there. */
  answer(id: number): Promise<Message> {
    return this.until(() => this.messages.find((message) => message.id === id));
  }

  async until<T>(look: () => T | undefined): Promise<T> {
    for (let tries = 0; tries < 1000; tries += 1) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`nothing came within 10 s; stderr: ${this.stderr}`);
  }
}
