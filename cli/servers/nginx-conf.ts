/** The text of nginx.conf: what stands before the gateways and the storefront. */
import { problem } from '@stoa/chassis/http/problems.ts'
import type { Certificate } from './certificates.ts'

/** Addresses such as `127.0.0.1:4001`. */
export interface Upstreams {
  readonly gateways: readonly string[]
  readonly pages: readonly string[]
}

/** All that the text depends on. */
export interface NginxSetup extends Upstreams {
  readonly host: string
  readonly httpsPort: number
  readonly certificate: Certificate
  /** Counts the configurations; `GENERATION_HOST` answers it, so that a reload is known to be done. */
  readonly generation: number
  /** Of the program, e.g. `1.22.1`: HTTP/2 is said otherwise since 1.25.1. */
  readonly http2Directive: boolean
  /** For the workers when the master is root. */
  readonly user: string | undefined
}

/** A host name that nobody can have; asked for it, NGINX answers the number of its configuration. */
export const GENERATION_HOST = 'generation.invalid'
/** The longest request body: an import of the largest catalogue. The services have limits of their own. */
const BODY_MEGABYTES_MAX = 4096
/** What NGINX refuses by itself, before anybody behind it hears of it: its own statuses (494 is never sent), and what we answer. */
const REFUSALS = [
  { when: '400', status: 400, code: 'invalid-request' },
  { when: '405', status: 405, code: 'method-not-allowed' },
  { when: '408', status: 408, code: 'request-timeout' },
  { when: '413', status: 413, code: 'payload-too-large' },
  { when: '414 494', status: 431, code: 'header-too-large' },
] as const
const PAGE_UNAVAILABLE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Back in a moment</title><h1>Back in a moment</h1><p>The shop cannot be reached just now. Please try again.</p></html>'

/**
 * Paths are relative to the folder that NGINX is started in, but for the certificate's. Throws: when an address or a path could be
 * read as anything else.
 */
export function nginxConf(setup: NginxSetup): string {
  const { httpsPort, certificate, generation, http2Directive } = setup
  const host = setup.host.includes(':') ? `[${address(setup.host)}]` : address(setup.host)
  const listen = `listen ${host}:${httpsPort} ssl${http2Directive ? '' : ' http2'}`
  const http2 = http2Directive ? 'http2 on;' : ''
  return `daemon off;
# Not nginx.pid: that name is our own note of who runs here.
pid master.pid;
${setup.user === undefined ? '' : `user ${setup.user};`}
worker_processes 2;
# After a reload, streams that never end keep the old workers; this is how long.
worker_shutdown_timeout 60s;
# Lesser faults are written with their whole address, which may hold somebody's secret.
error_log error.log crit;
events { worker_connections 16384; }
http {
${general()}
${logging()}
  # As it was sent: a name with %2F.. in it must not lead from the API to the pages.
  map $request_uri $is_for_gateways { ~^/(?:api|docs|health|internal)(?:[/?]|$) 1; default 0; }
${upstream('gateways', setup.gateways)}
${upstream('pages', setup.pages)}
  ssl_certificate ${quoted(certificate.certFile)};
  ssl_certificate_key ${quoted(certificate.keyFile)};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_prefer_server_ciphers off;
  ssl_session_cache shared:tls:2m;
  ssl_session_tickets off;

  server {
    ${listen};
    ${http2}
    server_name ${GENERATION_HOST};
    access_log off;
    location / { default_type text/plain; return 200 "${generation}"; }
  }
  server {
    ${listen} default_server;
    ${http2}
    # Plain HTTP on this port.
    error_page 497 =308 https://$shop_host$request_uri;
${errorPages('@page-unavailable')}
${passing()}
    location / {
      proxy_pass http://pages;
      if ($is_for_gateways) {
        proxy_pass http://gateways;
${errorPages('@unavailable')}
      }
    }
${ownAnswers()}
${refusals()}
  }
}
`
}

function general(): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path temp-${name.replace('_', '-')};`)
  return `  server_tokens off;
  default_type application/octet-stream;
  tcp_nodelay on;
  # An HTTP/2 client must connect anew after so many: the default of 1000 is little for one page that looks often.
  keepalive_requests 1000000;
  keepalive_timeout 75s;
  client_header_timeout 20s;
  client_body_timeout 60s;
  send_timeout 60s;
  large_client_header_buffers 4 16k;
  client_max_body_size ${BODY_MEGABYTES_MAX}m;
${folders.join('\n')}`
}

/** One line for each answer of 500 and more, without the query, in which secrets may stand. */
function logging(): string {
  return `  log_format failures '$time_iso8601 $status $request_method $uri $request_time upstream=$upstream_addr $upstream_status';
  map $status $has_failed { ~^5 1; default 0; }
  map $http_host $shop_host { "" $host; default $http_host; }
  access_log failures.log failures if=$has_failed;`
}

/**
 * `max_fails=0`: one request whose handler dies would else take both replicas out, and the whole shop with them. Kept connections are
 * closed before a Node server closes them (after 5 s by default): a POST sent into a closing one could not be sent again.
 */
function upstream(name: string, addresses: readonly string[]): string {
  const servers = addresses.length === 0 ? ['server 127.0.0.1:9 down;'] : addresses.map((one) => `server ${address(one)} max_fails=0;`)
  return `  upstream ${name} {
${servers.map((line) => `    ${line}`).join('\n')}
    keepalive 64;
    keepalive_requests 100000;
    keepalive_timeout 4s;
  }`
}

/** How requests are handed on: what the client says of where it comes from is replaced by what the connection shows. */
function passing(): string {
  return `    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $shop_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $shop_host;
    proxy_set_header X-Forwarded-Port $server_port;
    proxy_set_header X-Forwarded-Prefix "";
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header Forwarded "";
    proxy_connect_timeout 2s;
    proxy_send_timeout 60s;
    # Event streams beat every 15 s.
    proxy_read_timeout 75s;
    # Never non_idempotent: a POST must not be done twice. Its client repeats it with its idempotency key.
    proxy_next_upstream error timeout;
    proxy_next_upstream_timeout 10s;
    proxy_intercept_errors off;
    # Uploads and answers stream through. With buffering, events were seen minutes late where their route did not say
    # X-Accel-Buffering: no; one that wants to be buffered may say yes.
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_max_temp_file_size 0;
    # An upstream that refuses a body it has not read must leave the connection open: closing it with bytes unread resets it, and
    # the answer may be lost on the way to us.
    # Headers must fit into it, with their cookies and policies.
    proxy_buffer_size 32k;
    proxy_buffers 8 32k;`
}

function ownAnswers(): string {
  return `    location @unavailable {
      add_header Retry-After 1 always;
      ${problemDocument(503, 'unavailable')}
    }
    location @page-unavailable {
      default_type text/html;
      add_header Retry-After 1 always;
      add_header Cache-Control no-store always;
      return 503 '${PAGE_UNAVAILABLE}';
    }`
}

/** A place that names one of its own needs them all. Refusals have addresses: a request whose line cannot be read finds no named place. */
function errorPages(unavailable: string): string {
  const refused = REFUSALS.map(({ when, status, code }) => `    error_page ${when} =${status} /stoa-refusal/${code};`)
  return [`    error_page 502 504 = ${unavailable};`, ...refused].join('\n')
}

function refusals(): string {
  const places = REFUSALS.map(
    ({ status, code }) => `    location = /stoa-refusal/${code} {
      internal;
      ${problemDocument(status, code, status === 400 ? 'The request is not HTTP as it is spoken here.' : undefined)}
    }`,
  )
  return places.join('\n')
}

function problemDocument(status: number, code: string, detail?: string): string {
  const document = JSON.stringify(problem(status, code, '$request_id', { detail }))
  return `default_type application/problem+json;
      add_header Cache-Control no-store always;
      add_header X-Request-Id $request_id always;
      return ${status} '${document}';`
}

/** A name, an address, or either with a port. */
function address(text: string): string {
  if (!/^[\w.:[\]-]+$/.test(text)) throw new Error(`'${text}' is no address for NGINX`)
  return text
}

function quoted(path: string): string {
  if (/["$\\\n]/.test(path)) throw new Error(`NGINX cannot use a file in ${path}: its name holds ", $ or \\`)
  return `"${path}"`
}
