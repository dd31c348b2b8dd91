import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { sql } from '@stoa/chassis/database/sql.ts'

export interface AddressRow {
  id: string
  isDefault: boolean
  sealed: string
}

/** The address book in its owner's order. */
export async function addressesOf(db: Db, accountId: string): Promise<AddressRow[]> {
  return db.rows(sql`SELECT id, is_default AS "isDefault", sealed FROM addresses WHERE account_id = ${accountId} ORDER BY position`)
}

export async function defaultAddressOf(db: Db, accountId: string): Promise<AddressRow | undefined> {
  return db.maybe(sql`SELECT id, is_default AS "isDefault", sealed FROM addresses WHERE account_id = ${accountId} AND is_default`)
}

export async function replaceAddressBook(tx: Tx, accountId: string, rows: readonly AddressRow[]): Promise<void> {
  await tx.run(sql`DELETE FROM addresses WHERE account_id = ${accountId}`)
  await tx.run(sql`
    INSERT INTO addresses (id, account_id, position, is_default, sealed)
    SELECT id, ${accountId}::uuid, position, is_default, sealed
    FROM unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.isDefault)}::boolean[], ${rows.map((row) => row.sealed)}::text[])
      WITH ORDINALITY AS given (id, is_default, sealed, position)`)
}
