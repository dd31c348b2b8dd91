/** What the pages ask of the API, typed by its contracts. */
import type { Static } from 'typebox'
import type { Cart as CartSchema } from '@stoa/contracts/cart.ts'
import type { Product as ProductSchema } from '@stoa/contracts/catalog.ts'
import type { ListSessions, Profile as ProfileSchema, Session as SessionSchema } from '@stoa/contracts/identity.ts'
import type { ReadSandboxInbox, Unsubscribe } from '@stoa/contracts/notifications.ts'
import type { ListOrders, Order as OrderSchema, PlacedOrder as PlacedOrderSchema, Reorder } from '@stoa/contracts/orders.ts'
import type { QuoteCheckout } from '@stoa/contracts/pricing.ts'
import type { ListProducts } from '@stoa/contracts/search.ts'
import type { Address as AddressSchema, Card as CardSchema, Image as ImageSchema } from '@stoa/contracts/shared.ts'
import type { ShippingOption as ShippingOptionSchema } from '@stoa/contracts/shipping.ts'
import { data, redirect } from 'react-router'
import type { Answer, Visit } from './visit.ts'

export type Cart = Static<typeof CartSchema>
export type CartLine = Cart['items'][number]
export type Product = Static<typeof ProductSchema>
export type Variant = Product['variants'][number]
export type Card = Static<typeof CardSchema>
export type Image = Static<typeof ImageSchema>
export type Listing = Static<typeof ListProducts.output>
export type Order = Static<typeof OrderSchema>
export type OrderPage = Static<typeof ListOrders.output>
export type Reordered = Static<typeof Reorder.output>
export type PlacedOrder = Static<typeof PlacedOrderSchema>
export type Quote = Static<typeof QuoteCheckout.output>
export type ShippingOption = Static<typeof ShippingOptionSchema>
export type Address = Static<typeof AddressSchema>
export type Profile = Static<typeof ProfileSchema>
export type SavedAddress = Profile['addresses'][number]
export type Session = Static<typeof SessionSchema>
export type SessionList = Static<typeof ListSessions.output>
export type Unsubscribed = Static<typeof Unsubscribe.output>
export type Inbox = Static<typeof ReadSandboxInbox.output>

/** A category with what is below it. */
export interface CategoryNode {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly path: string
  readonly children: readonly CategoryNode[]
}

/** The data of an answer that must be there: a 404 becomes the page for it, everything else the page for trouble. */
export function must<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.data
  const { code, title } = answer.problem
  throw data({ code, title }, { status: answer.status === 401 ? 403 : answer.status })
}

/** The whole category tree; empty while the API cannot tell. */
export async function categoriesOf(visit: Visit): Promise<readonly CategoryNode[]> {
  const tree = await visit.shared.remember('categories', async () => {
    const answer = await visit.ask<{ items: CategoryNode[] }>('GET', '/api/categories')
    return answer.ok ? answer.data.items : null
  })
  return tree ?? []
}

/**
 * The families a shopper walks by: top categories, or what stands right below one that is only a roof over further shelves
 * (`Home > Lamps > Table lamps` gives Lamps).
 */
export function familiesOf(tree: readonly CategoryNode[]): readonly CategoryNode[] {
  return tree.flatMap((top) => (top.children.some((child) => child.children.length > 0) ? top.children : [top]))
}

/** The nodes from the root to `slug`, itself last; empty when there is none. Depth is bounded by the tree. */
export function pathTo(tree: readonly CategoryNode[], slug: string): readonly CategoryNode[] {
  for (const node of tree) {
    if (node.slug === slug) return [node]
    const below = pathTo(node.children, slug)
    if (below.length > 0) return [node, ...below]
  }
  return []
}

/** The visitor's cart; null when they have none or it cannot be had. */
export async function cartOf(visit: Visit): Promise<Cart | null> {
  const mayHaveOne = visit.cookies.get('stoa_cart') !== undefined || (await visit.signedIn())
  if (!mayHaveOne) return null
  const answer = await visit.ask<Cart>('GET', '/api/cart')
  return answer.ok ? answer.data : null
}

/** The way to the login page, and back here afterwards. */
export function toLogin(visit: Visit): Response {
  return redirect(`/login?next=${encodeURIComponent(`${visit.url.pathname}${visit.url.search}`)}`)
}

/** Like `must`, for what belongs to an account: a session that has ended meanwhile leads to the login page. */
export function mustOwn<T>(visit: Visit, answer: Answer<T>): T {
  if (!answer.ok && answer.problem.code === 'unauthenticated') throw toLogin(visit)
  return must(answer)
}

/** Sends a visitor without a session to the login page, and back here afterwards. */
export async function requireSession(visit: Visit): Promise<void> {
  if (await visit.signedIn()) return
  throw toLogin(visit)
}

/** A path of this shop to go on with, else `otherwise`: an address of another site is not followed. */
export function localPath(next: string | null, otherwise: string): string {
  return next !== null && /^\/(?![/\\])[^\u0000-\u001f\\]*$/.test(next) ? next : otherwise
}
