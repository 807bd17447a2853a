export const usage = `proxmox-mcp: an MCP server for many Proxmox VE clusters

Usage
  proxmox-mcp [--demo] [--env-file FILE]   the server, on stdin and stdout; an MCP client starts it
  proxmox-mcp demo                         a tour over simulated clusters, in this terminal
  proxmox-mcp doctor [--json]              checks every configured cluster; exit code 0 good, 1 problems, 2 no configuration
  proxmox-mcp call TOOL [JSON]             calls one tool and prints its answer
  proxmox-mcp tools [--json]               lists the tools
  proxmox-mcp encrypt [--key-file FILE]    prints the secret on stdin as an enc:v1: value, under the configured key
  proxmox-mcp rotate-key --env-file FILE --new-key-file FILE [--dry-run]
                                           puts every enc:v1: value of a file of settings under another key
  proxmox-mcp audit verify [FILE] [--expect HASH] [--after HASH] [--json]
                                           finds the first line of the audit that is not as it was written;
                                           exit code 0 whole, 1 broken, 2 nothing to read
  proxmox-mcp audit show [FILE] [--cluster NAME] [--tool NAME] [--since 7d] [--outcome WORD] [--json]
                                           the last calls in it, or those that fit
  proxmox-mcp simulate [--port N] [--clusters N] [--http] [--world NAME] [--version 8.4|9.2]
                                           simulated clusters; prints their environment, then serves until stopped

Options
  --demo           three simulated clusters in place of the configured ones
  --env-file FILE  read the configuration from this file
  --world NAME     single, multi (default), twins or large
  --help, --version

Configuration is read from the environment, then from the first of: --env-file or PROXMOX_ENV_FILE,
.env in the working directory, .env in the user's configuration folder for proxmox-mcp.
See docs/configuration.md.`;
