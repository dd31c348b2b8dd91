/** Starts a server on the data directory of its argument, says so, and waits to be killed: its server is an orphan then. */
import { startEmbedded } from '../database/embedded.ts'

const server = await startEmbedded({ dataDir: process.argv[2] as string })
process.stdout.write(
  `${JSON.stringify({ host: server.host, port: server.port, user: server.superuser, password: server.password, pid: server.pid })}\n`,
)
setInterval(() => {}, 60_000)
