import { expect, test } from 'vitest'
import { readDirectory } from '@stoa/chassis/calls/directory.ts'
import { addressesOf, planParts, readReplicas } from './plan.ts'

const parts = ['gateway', 'orders', 'inventory', 'search', 'gift-cards', 'storefront']
/** Ports in a row, each given out twice unless it is said to be taken. */
const ports = () => {
  const free = [4000, 4000, 4001, 4001, 4002, 4002, 4003, 4003]
  return async (taken: readonly number[]) => free.find((port) => !taken.includes(port)) as number
}

test('unless told, what is on the path of every purchase runs twice', () => {
  expect(Object.fromEntries(readReplicas('', parts))).toEqual({ gateway: 2, orders: 2, inventory: 2 })
})

test('what is told counts, the last word for each', () => {
  const told = Object.fromEntries(readReplicas(' orders=3, search=2 ,,orders=1', parts))
  expect(told).toEqual({ gateway: 2, orders: 1, inventory: 2, search: 2 })
})

test.each(['ordres=2', 'orders', 'orders=0', 'orders=10', 'orders=two', 'orders=2=3', '=2'])('%s is refused by name', (text) => {
  expect(() => readReplicas(`${text},search=1`, parts)).toThrow(/write orders=2/)
})

test('each part has a place more than replicas, with ports that no other has', async () => {
  const planned = await planParts(['orders', 'search'], new Map([['orders', 2]]), async (taken) => 4000 + taken.length)
  expect(planned.map(({ name, replicas, slots }) => [name, replicas, slots.length])).toEqual([
    ['orders', 2, 3],
    ['search', 1, 2],
  ])
  const [twice] = await planParts(['orders'], new Map([['orders', 1]]), ports())
  expect(new Set(twice?.slots.flatMap(({ httpPort, grpcPort }) => [httpPort, grpcPort])).size).toBe(4)
})

test('what processes are told is read back as where every replica is', async () => {
  let port = 4000
  const planned = await planParts(parts, new Map([['gift-cards', 2]]), async () => port++)
  const directory = readDirectory(addressesOf(planned))
  for (const { name, slots } of planned) {
    expect(directory.httpOf(name)).toEqual(slots.map(({ httpPort }) => `http://127.0.0.1:${httpPort}`))
    expect(directory.grpcOf(name)).toEqual(slots.map(({ grpcPort }) => `127.0.0.1:${grpcPort}`))
  }
})
