/** Where services of other processes answer, as the settings say. */
import { isIPv6 } from 'node:net'
import { Type } from 'typebox'
import { setting } from '../service.ts'

/** Where services of other processes answer. */
export interface Directory {
  /** Base addresses `http://host:port` of a service's replicas for HTTP; empty: unknown. */
  httpOf(service: string): readonly string[]
  /** `host:port` of a service's replicas for gRPC; empty: unknown. */
  grpcOf(service: string): readonly string[]
}

/** The defaults are the names that Kubernetes gives. */
export const HttpAddresses = setting(
  'STOA_ADDRESSES',
  Type.String({ default: 'http://{service}:3000' }),
  'addresses of services in other processes; {service} stands for the name. STOA_ADDRESS_<SERVICE> names those of one, several with commas',
)
export const GrpcAddresses = setting(
  'STOA_GRPC_ADDRESSES',
  Type.String({ default: '{service}:3001' }),
  'as STOA_ADDRESSES, for calls by gRPC, without http://. STOA_GRPC_ADDRESS_<SERVICE> names those of one',
)

type Variables = Readonly<Record<string, string | undefined>>

/** One of the two ways to be reached. */
interface Way {
  readonly all: { readonly name: string; readonly schema: object }
  readonly own: string
  readonly fits: (address: string) => boolean
  readonly like: string
}

const HTTP: Way = { all: HttpAddresses, own: 'STOA_ADDRESS_', fits: isHttpAddress, like: 'http://host:port' }
const GRPC: Way = { all: GrpcAddresses, own: 'STOA_GRPC_ADDRESS_', fits: isGrpcAddress, like: 'host:port' }

/** Reads the directory. Throws: one error that names every bad setting. */
export function readDirectory(variables: Variables): Directory {
  const faults: string[] = []
  const http = readWay(HTTP, variables, faults)
  const grpc = readWay(GRPC, variables, faults)
  if (faults.length > 0) throw new Error(`the addresses of services cannot be read: ${faults.join('; ')}`)
  return { httpOf: http, grpcOf: grpc }
}

function readWay(way: Way, variables: Variables, faults: string[]): (service: string) => readonly string[] {
  const pattern = given(variables, way.all.name) ?? (way.all.schema as { default: string }).default
  const general = (service: string) => split(pattern.replaceAll('{service}', service))
  check(way, way.all.name, general('service'), faults)
  const own = new Map<string, readonly string[]>()
  for (const name of Object.keys(variables).filter((one) => one.startsWith(way.own))) {
    const value = given(variables, name)
    if (value === undefined) continue
    own.set(name, check(way, name, split(value), faults))
  }
  return (service) => own.get(`${way.own}${service.toUpperCase().replaceAll('-', '_')}`) ?? general(service)
}

function check(way: Way, name: string, addresses: readonly string[], faults: string[]): readonly string[] {
  const bad = addresses.filter((one) => !way.fits(one))
  if (addresses.length === 0) faults.push(`${name} names no address`)
  if (bad.length > 0) faults.push(`${name}: ${bad.map((one) => `'${one}'`).join(', ')} is not like ${way.like}`)
  return addresses.map((one) => one.replace(/\/$/, ''))
}

/** An empty variable is one that is not set, as everywhere. */
function given(variables: Variables, name: string): string | undefined {
  const value = variables[name]?.trim()
  return value === '' ? undefined : value
}

function split(list: string): string[] {
  return list
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function isHttpAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, pathname, search, hash, username, password, hostname } = new URL(address)
  return protocol === 'http:' && pathname === '/' && hostname !== '' && [search, hash, username, password].every((part) => part === '')
}

function isGrpcAddress(address: string): boolean {
  const [, host = '', port] = /^(.+):(\d{1,5})$/.exec(address) ?? []
  const named = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host) || isIPv6(/^\[(.+)\]$/.exec(host)?.[1] ?? '')
  return named && Number(port) >= 1 && Number(port) <= 65_535
}
