/** What a test does to a running cluster: processes and servers killed, frozen, replaced; a topic lost. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodesOf, removeTopic } from '@stoa/chassis/testing/kafka.ts'
import { expect } from 'vitest'
import { childrenOf, partsOf, serverOf, type Shop } from './shop.ts'

const BACK_MS_MAX = 60_000

/** Processes of a service, or of the storefront. */
export function processesOf(shop: Shop, service: string): number[] {
  return partsOf(shop.pid)
    .filter((one) => one.services === service)
    .map((one) => one.pid)
}

export function kill(pid: number): void {
  process.kill(pid, 'SIGKILL')
}

/** Kills a process of a service, which is started again, and waits until another is in its place. */
export async function killAndBack(shop: Shop, service: string): Promise<void> {
  const before = processesOf(shop, service)
  kill(before[0] as number)
  await expect.poll(() => processesOf(shop, service).filter((pid) => !before.includes(pid)).length, { timeout: BACK_MS_MAX }).toBe(1)
}

/** Stops processes and wakes them after a while. Throws: when one of them died meanwhile; the others are awake then. */
export async function freeze(pids: readonly number[], ms: number): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  await sleep(ms)
  const woken = pids.map((pid) => Promise.resolve().then(() => process.kill(pid, 'SIGCONT')))
  for (const one of await Promise.allSettled(woken)) if (one.status === 'rejected') throw one.reason
}

/** Kills a node of Kafka, which is started again, and waits until it serves. */
export async function killNodeAndBack(shop: Shop, node: number): Promise<void> {
  const before = kafkaNode(shop, node)
  const address = `127.0.0.1:${kafkaPorts(shop)[`kafka-${node}`]}`
  kill(before)
  const knows = () => (kafkaNode(shop, node) === before ? [] : nodesOf(address).catch(() => []))
  await expect.poll(knows, { timeout: BACK_MS_MAX, interval: 500 }).toContain(node)
}

/** Process of a node of Kafka, counted from 1. */
export function kafkaNode(shop: Shop, node: number): number {
  return serverOf(shop.dataDir, `kafka/node-${node}/kafka-${node}`)
}

export function databaseOf(shop: Shop): number {
  return childrenOf(shop.pid).find((one) => one.command.includes('bin/postgres'))?.pid as number
}

/** Takes a topic with all its events away. Whoever publishes makes it anew. */
export async function loseTopic(shop: Shop, topic: string): Promise<void> {
  const ports = kafkaPorts(shop)
  const brokers = [1, 2, 3].map((node) => `127.0.0.1:${ports[`kafka-${node}`]}`)
  await removeTopic(brokers, topic)
}

function kafkaPorts(shop: Shop): Record<string, number> {
  return JSON.parse(readFileSync(join(shop.dataDir, 'kafka/ports.json'), 'utf8')) as Record<string, number>
}

/** Runs `npm run <command>` on the shop; resolves with the exit code. */
export function operate(shop: Shop, command: string, ...args: string[]): Promise<number | null> {
  const launcher = resolve(import.meta.dirname, '../../cli/launch.mjs')
  const env = { ...process.env, STOA_DATA_DIR: shop.dataDir }
  const child = spawn(process.execPath, [launcher, command, ...args], { env, stdio: 'inherit' })
  return new Promise((end) => child.once('exit', (code) => end(code)))
}
