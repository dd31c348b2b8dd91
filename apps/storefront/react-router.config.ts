import type { Config } from '@react-router/dev/config'

/** The build goes wherever `build.ts` says, so that a read-only clone can be built. */
export default {
  appDirectory: 'app',
  buildDirectory: process.env['STOA_STOREFRONT_BUILD'] ?? 'build',
  ssr: true,
  routeDiscovery: { mode: 'initial' },
} satisfies Config
