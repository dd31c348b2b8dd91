import { expect, test } from 'vitest'
import { readDirectory } from '@stoa/chassis/calls/directory.ts'
import { addressesOf, planParts, readReplicas } from './plan.ts'

const parts = ['gateway', 'orders', 'inventory', 'search', 'gift-cards', 'storefront']
const ports = () => {
  let port = 4000
  return async () => port++
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
  const planned = await planParts(['orders', 'search'], new Map([['orders', 2]]), ports())
  expect(planned.map(({ name, replicas, slots }) => [name, replicas, slots.length])).toEqual([
    ['orders', 2, 3],
    ['search', 1, 2],
  ])
  const given = planned.flatMap(({ slots }) => slots.flatMap(({ httpPort, grpcPort }) => [httpPort, grpcPort]))
  expect(new Set(given).size).toBe(10)
})

test('what processes are told is read back as where every replica is', async () => {
  const planned = await planParts(parts, new Map([['gift-cards', 2]]), ports())
  const directory = readDirectory(addressesOf(planned))
  for (const { name, slots } of planned) {
    expect(directory.httpOf(name)).toEqual(slots.map(({ httpPort }) => `http://127.0.0.1:${httpPort}`))
    expect(directory.grpcOf(name)).toEqual(slots.map(({ grpcPort }) => `127.0.0.1:${grpcPort}`))
  }
})
