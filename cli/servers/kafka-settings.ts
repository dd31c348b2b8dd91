/** How a Kafka node is set up: one machine, KRaft, each node a broker and a controller. */

/** One node's own ports. */
export interface KafkaNode {
  readonly port: number
  readonly controllerPort: number
}

/** Partitions of Kafka's own topics. Their defaults (50) are for clusters of hundreds of machines. */
const INTERNAL_PARTITIONS = 8

/**
 * `server.properties` of node `id` (from 1). With three nodes every record is on all of them and acknowledged by two, so that any one
 * may be lost; `fsync` is left to the system, as Kafka means it.
 */
export function serverProperties(id: number, nodes: readonly KafkaNode[]): string {
  const own = nodes[id - 1]
  if (own === undefined) throw new Error(`there is no Kafka node ${id} of ${nodes.length}`)
  const copies = nodes.length
  const copiesInSyncMin = copies > 2 ? 2 : 1
  return propertiesText({
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': nodes.map(({ controllerPort }, index) => `${index + 1}@127.0.0.1:${controllerPort}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${own.port},CONTROLLER://127.0.0.1:${own.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${own.port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    // Below the node's folder, in which it works.
    'log.dirs': 'data',
    'default.replication.factor': copies,
    'min.insync.replicas': copiesInSyncMin,
    'num.partitions': 6,
    // A misspelt topic is an error, and a copy that lags behind never becomes the truth.
    'auto.create.topics.enable': false,
    'unclean.leader.election.enable': false,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': INTERNAL_PARTITIONS,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': copiesInSyncMin,
    'transaction.state.log.num.partitions': INTERNAL_PARTITIONS,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': copiesInSyncMin,
    'share.coordinator.state.topic.num.partitions': 2,
    // How long a killed node's partitions have no leader, and how long it waits itself when it comes back: 9 s by default.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    // The first members of a group need not wait for more, and a dead one may be found out within a second.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    // Sized for a machine that also runs everything else.
    'num.network.threads': 2,
    'num.io.threads': 4,
    'num.recovery.threads.per.data.dir': 1,
    'log.segment.bytes': 67_108_864,
    'log.cleaner.dedupe.buffer.size': 8_388_608,
    'log.cleaner.threads': 1,
  })
}

/** Without a configuration the nodes are mute. Their log is small, and says of itself only what matters. */
export function log4jProperties(): string {
  return propertiesText({
    status: 'error',
    'appender.file.type': 'RollingFile',
    'appender.file.name': 'FILE',
    'appender.file.fileName': 'broker.log',
    'appender.file.filePattern': 'broker.log.%i',
    'appender.file.layout.type': 'PatternLayout',
    'appender.file.layout.pattern': '%d{ISO8601} %p %c{1} %m%n',
    'appender.file.policies.type': 'Policies',
    'appender.file.policies.size.type': 'SizeBasedTriggeringPolicy',
    'appender.file.policies.size.size': '10MB',
    'appender.file.strategy.type': 'DefaultRolloverStrategy',
    'appender.file.strategy.max': 2,
    'rootLogger.level': 'warn',
    'rootLogger.appenderRef.file.ref': 'FILE',
    'logger.server.name': 'kafka.server.KafkaRaftServer',
    'logger.server.level': 'info',
  })
}

function propertiesText(properties: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
