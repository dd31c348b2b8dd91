/** Prometheus metrics of a process. Names and labels are the same on every topology. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

export interface Metrics {
  readonly registry: Registry
  readonly requests: Histogram<'service' | 'method' | 'route' | 'status'>
  readonly calls: Histogram<'service' | 'call' | 'outcome'>
  readonly events: Counter<'service' | 'stream'>
  readonly eventLag: Histogram<'service' | 'stream'>
  readonly lagEvents: Gauge<'service' | 'stream'>
  readonly parked: Gauge<'service' | 'stream'>
  readonly atWork: Gauge<'class'>
  readonly waiting: Gauge<'class'>
  readonly halted: Gauge<'service' | 'stream'>
  readonly sequenced: Counter<'service'>
  readonly published: Counter<'service' | 'stream'>
  readonly unpublished: Gauge<'service' | 'stream'>
  readonly unpublishedSeconds: Gauge<'service' | 'stream'>
  readonly moments: Counter<'service' | 'name' | 'outcome'>
  readonly connections: Gauge<'service' | 'state'>
  readonly books: Gauge<'check'>
  readonly kept: Counter<'service' | 'space' | 'outcome'>
  readonly untold: Gauge
  readonly own: Gauge<'service' | 'name'>
}

/** Makes the metrics of a process. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    requests: new Histogram({
      name: 'stoa_http_request_seconds',
      help: 'Time to answer a request',
      labelNames: ['service', 'method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    }),
    calls: new Histogram({
      name: 'stoa_call_seconds',
      help: 'Time of calls between services',
      labelNames: ['service', 'call', 'outcome'],
      buckets: SECONDS,
      registers,
    }),
    events: new Counter({ name: 'stoa_events_consumed_total', help: 'Events applied', labelNames: ['service', 'stream'], registers }),
    eventLag: new Histogram({
      name: 'stoa_event_lag_seconds',
      help: 'From an event to its effect',
      labelNames: ['service', 'stream'],
      buckets: SECONDS,
      registers,
    }),
    lagEvents: new Gauge({ name: 'stoa_event_lag_events', help: 'Events not yet applied', labelNames: ['service', 'stream'], registers }),
    parked: new Gauge({ name: 'stoa_events_parked', help: 'Dead letters', labelNames: ['service', 'stream'], registers }),
    atWork: new Gauge({ name: 'stoa_http_at_work', help: 'Requests at work, by class of route', labelNames: ['class'], registers }),
    waiting: new Gauge({ name: 'stoa_http_waiting', help: 'Requests that wait for a place', labelNames: ['class'], registers }),
    halted: new Gauge({
      name: 'stoa_consumer_halted',
      help: '1 when a consumer halted at a gap, a foreign incarnation or a broken handler',
      labelNames: ['service', 'stream'],
      registers,
    }),
    sequenced: new Counter({
      name: 'stoa_events_sequenced_total',
      help: 'Events moved from the outbox to the stream',
      labelNames: ['service'],
      registers,
    }),
    ...publishingMetrics(registers),
    moments: new Counter({
      name: 'stoa_moments_total',
      help: 'Timers fired and tasks worked',
      labelNames: ['service', 'name', 'outcome'],
      registers,
    }),
    connections: new Gauge({
      name: 'stoa_database_connections',
      help: 'Pooled database connections',
      labelNames: ['service', 'state'],
      registers,
    }),
    books: new Gauge({ name: 'stoa_books_broken', help: 'Broken entries found by the last doctor run', labelNames: ['check'], registers }),
    own: new Gauge({ name: 'stoa_service_gauge', help: 'What a service says of itself', labelNames: ['service', 'name'], registers }),
    ...keepingMetrics(registers),
  }
}

/** Of what is kept until something it shows is touched. */
function keepingMetrics(registers: Registry[]): Pick<Metrics, 'kept' | 'untold'> {
  return {
    kept: new Counter({
      name: 'stoa_kept_total',
      help: 'Answers found (hit), made and kept, made once for several (shared), made but touched meanwhile (refused), asked for in vain (away)',
      labelNames: ['service', 'space', 'outcome'],
      registers,
    }),
    untold: new Gauge({ name: 'stoa_kept_untold', help: 'Touched things that Redis could not be told of yet', registers }),
  }
}

/** Of the copy that Kafka holds. */
function publishingMetrics(registers: Registry[]): Pick<Metrics, 'published' | 'unpublished' | 'unpublishedSeconds'> {
  return {
    published: new Counter({
      name: 'stoa_events_published_total',
      help: 'Events copied to Kafka',
      labelNames: ['service', 'stream'],
      registers,
    }),
    unpublished: new Gauge({
      name: 'stoa_events_unpublished',
      help: 'Events of the stream that are not yet in Kafka',
      labelNames: ['service', 'stream'],
      registers,
    }),
    unpublishedSeconds: new Gauge({
      name: 'stoa_events_unpublished_seconds',
      help: 'Age of the oldest event that is not yet in Kafka',
      labelNames: ['service', 'stream'],
      registers,
    }),
  }
}
