/** The package's version, put in when the bundle is made. */
declare const PROXMOX_MCP_VERSION: string;
