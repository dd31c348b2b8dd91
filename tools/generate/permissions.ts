/** `docs/api-permissions.md`: who may use which route. */
import type { Permission, Role } from '@stoa/chassis/contract.ts'
import type { Contracts } from '@stoa/chassis/documents/contracts.ts'
import { permissionName } from '@stoa/chassis/documents/openapi.ts'
import { table } from './table.ts'

const roles: readonly Role[] = ['customer', 'vendor', 'admin', 'warehouse', 'pos']

/** Writes the matrix. */
export function permissionsMatrix(contracts: Contracts): string {
  const routes = contracts.routes.toSorted(
    (a, b) =>
      a.file.localeCompare(b.file) || a.contract.path.localeCompare(b.contract.path) || a.contract.method.localeCompare(b.contract.method),
  )
  const rows = routes.map(({ file, contract }) => [
    `\`${contract.method} ${contract.path}\`${contract.demoOnly ? ' (demo only)' : ''}`,
    file,
    `\`${permissionName(contract.permission)}\``,
    contract.permission === 'public' ? '✓' : '',
    ...roles.map((role) => (mayUse(contract.permission, role) ? '✓' : '')),
  ])
  return `# Who may use which route

Generated from the contracts by \`npm run generate\`. A route without a permission does not compile. A ✓ opens the door; whose things may be
seen behind it, the handler decides: what belongs to somebody else is answered \`404\`.

${table(['route', 'contract', 'permission', 'guest', ...roles], rows)}
`
}

function mayUse(permission: Permission, role: Role): boolean {
  return typeof permission === 'object' ? permission.roles.includes(role) : true
}
