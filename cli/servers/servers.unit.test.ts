import { describe, expect, test } from 'vitest'
import { isAtLeast, nginxVersion } from './debian.ts'
import { serverProperties } from './kafka-settings.ts'
import { kafkaOrder } from './kafka.ts'
import { pomOf } from './maven.ts'
import { nginxConf, type NginxSetup } from './nginx-conf.ts'
import { javaMajor } from './programs.ts'
import { redisConf } from './redis.ts'
import { registryOrder } from './registry.ts'

describe('nginx.conf', () => {
  const setup: NginxSetup = {
    host: '127.0.0.1',
    httpsPort: 8443,
    gateways: ['127.0.0.1:4001', '127.0.0.1:4002'],
    pages: ['127.0.0.1:5001'],
    certificate: { caFile: '/data/tls/ca.pem', certFile: '/data/my shop/server.pem', keyFile: '/data/my shop/server.key' },
    generation: 7,
    http2Directive: false,
    user: undefined,
  }

  test('a request is sent again only when it is idempotent, and one failure takes no upstream out', () => {
    const text = nginxConf(setup)
    expect(text).toContain('proxy_next_upstream error timeout;')
    expect(text.match(/server 127\.0\.0\.1:\d+ max_fails=0;/g)).toHaveLength(3)
    expect(text).not.toMatch(/^\s*proxy_next_upstream .*non_idempotent/m)
    expect(Number(/proxy_read_timeout (\d+)s/.exec(text)?.[1])).toBeGreaterThan(60)
  })

  test('HTTP/2 is said as the version wants it, and IPv6 in brackets', () => {
    expect(nginxConf(setup)).toContain('listen 127.0.0.1:8443 ssl http2 default_server;')
    const newer = nginxConf({ ...setup, http2Directive: true, host: '::1' })
    expect(newer).toContain('listen [::1]:8443 ssl default_server;')
    expect(newer).toContain('http2 on;')
  })

  test('without any upstream it is still a configuration, of a shop that is unavailable', () => {
    expect(nginxConf({ ...setup, gateways: [] })).toContain('server 127.0.0.1:9 down;')
  })

  test('what could be read as configuration is refused', () => {
    expect(() => nginxConf({ ...setup, gateways: ['127.0.0.1:1; include /etc/passwd'] })).toThrow('is no address for NGINX')
    expect(() => nginxConf({ ...setup, host: 'a b' })).toThrow('is no address for NGINX')
    expect(() => nginxConf({ ...setup, certificate: { ...setup.certificate, keyFile: '/data/"; evil' } })).toThrow('its name holds')
    expect(nginxConf(setup)).toContain('ssl_certificate "/data/my shop/server.pem";')
  })
})

describe('the settings of Kafka', () => {
  const nodes = [1, 2, 3].map((id) => ({ port: 20_000 + id, controllerPort: 21_000 + id }))

  test('with three nodes every record is on all, acknowledged by two, and all know each other', () => {
    const text = serverProperties(2, nodes)
    expect(text).toContain('\nnode.id=2\n')
    expect(text).toContain('\ncontroller.quorum.voters=1@127.0.0.1:21001,2@127.0.0.1:21002,3@127.0.0.1:21003\n')
    expect(text).toContain('\nlisteners=PLAINTEXT://127.0.0.1:20002,CONTROLLER://127.0.0.1:21002\n')
    for (const line of ['default.replication.factor=3', 'min.insync.replicas=2', 'offsets.topic.replication.factor=3'])
      expect(text).toContain(`\n${line}\n`)
    for (const line of ['auto.create.topics.enable=false', 'unclean.leader.election.enable=false']) expect(text).toContain(`\n${line}\n`)
  })

  test('with one node nothing waits for copies that cannot be', () => {
    const text = serverProperties(1, nodes.slice(0, 1))
    for (const line of ['default.replication.factor=1', 'min.insync.replicas=1', 'transaction.state.log.min.isr=1'])
      expect(text).toContain(`\n${line}\n`)
    expect(() => serverProperties(2, nodes.slice(0, 1))).toThrow('there is no Kafka node 2 of 1')
  })
})

describe('poms', () => {
  test('jars come with all that they need', () => {
    const pom = pomOf(kafkaOrder)
    expect(pom).toContain('<groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>')
    expect(pom).not.toContain('<exclusion>')
  })

  test('an archive comes alone', () => {
    expect(pomOf(registryOrder)).toMatch(
      /<version>2\.6\.13\.Final<\/version><type>tar\.gz<\/type><classifier>all<\/classifier><exclusions>/,
    )
  })
})

test('Redis is bounded, keeps nothing on disk, and cannot be told to', () => {
  const text = redisConf(20_001)
  for (const line of ['bind 127.0.0.1', 'port 20001', 'save ""', 'maxmemory-policy allkeys-lru', 'rename-command CONFIG ""'])
    expect(text).toContain(`${line}\n`)
})

test.for([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['java version "1.8.0_292"', 8],
  ['openjdk version "21" 2023-09-19', 21],
  ['what?', Number.NaN],
] as const)('%s is Java %d', ([said, major]) => expect(javaMajor(said)).toBe(major))

test('versions are compared by number', () => {
  expect(nginxVersion('nginx version: nginx/1.22.1 (Debian)')).toBe('1.22.1')
  expect([
    isAtLeast('1.22.1', [1, 18]),
    isAtLeast('1.9.15', [1, 18]),
    isAtLeast('2', [1, 18]),
    isAtLeast('1.18', [1, 18, 1]),
    isAtLeast(undefined, [1]),
  ]).toEqual([true, false, true, false, false])
})
