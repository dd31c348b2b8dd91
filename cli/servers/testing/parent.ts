/** A shop that is about to be killed: starts a server in the folder it is told, which starts a worker of its own, and tells their pids. */
import { startServer } from '../server.ts'
import { deafServer, untilFile } from './deaf-server.ts'

/** What its own parent hears. */
export interface ParentWord {
  readonly server: number
}

const [folder = '', way = ''] = process.argv.slice(2)
const server = await startServer({ ...deafServer(folder, way), ready: () => untilFile(folder) })
process.send?.({ server: server.pid } satisfies ParentWord)
setInterval(() => {}, 1000)
