import { expect, test } from 'vitest'
import { readDirectory } from './directory.ts'

test('without a setting services are where Kubernetes names them', () => {
  const directory = readDirectory({})
  expect(directory.httpOf('inventory')).toEqual(['http://inventory:3000'])
  expect(directory.grpcOf('inventory')).toEqual(['inventory:3001'])
})

test('a pattern holds for all services, a setting of its own for one, with several replicas', () => {
  const directory = readDirectory({
    STOA_ADDRESSES: 'http://stoa-{service}.shop.svc:8080',
    STOA_ADDRESS_ORDERS: ' http://127.0.0.1:4001/, http://[::1]:4002',
    STOA_GRPC_ADDRESS_GIFT_CARDS: '127.0.0.1:5001,[::1]:5002',
    STOA_ADDRESS_SEARCH: '',
  })
  expect(directory.httpOf('gift-cards')).toEqual(['http://stoa-gift-cards.shop.svc:8080'])
  expect(directory.httpOf('orders')).toEqual(['http://127.0.0.1:4001', 'http://[::1]:4002'])
  expect(directory.httpOf('search')).toEqual(['http://stoa-search.shop.svc:8080'])
  expect(directory.grpcOf('gift-cards')).toEqual(['127.0.0.1:5001', '[::1]:5002'])
  expect(directory.grpcOf('orders')).toEqual(['orders:3001'])
})

test('one error names every bad setting', () => {
  const bad = {
    STOA_ADDRESSES: 'https://{service}',
    STOA_ADDRESS_CART: 'cart:3000',
    STOA_ADDRESS_ORDERS: 'http://a:1, http://b:2/path',
    STOA_ADDRESS_SEARCH: ',',
    STOA_GRPC_ADDRESS_ORDERS: 'http://orders:3001',
    STOA_GRPC_ADDRESS_PRICING: 'pricing:99999',
  }
  const error = (() => {
    try {
      return readDirectory(bad)
    } catch (thrown) {
      return String(thrown)
    }
  })()
  for (const name of Object.keys(bad)) expect(error).toContain(name)
  expect(error).toContain("'http://b:2/path'")
  expect(error).not.toContain("'http://a:1'")
})
