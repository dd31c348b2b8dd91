import { index, layout, route, type RouteConfig } from '@react-router/dev/routes'

export default [
  index('routes/home.tsx'),
  route('search', 'routes/search.tsx'),
  route('c/:category', 'routes/category.tsx'),
  route('p/:slug', 'routes/product.tsx'),
  route('cart', 'routes/cart.tsx'),
  route('checkout', 'routes/checkout.tsx'),
  route('orders/:orderId', 'routes/order.tsx'),
  route('orders/:orderId/pay', 'routes/order-pay.tsx'),
  route('orders/:orderId/events', 'routes/order-events.ts'),
  route('login', 'routes/login.tsx'),
  route('logout', 'routes/logout.ts'),
  route('register', 'routes/register.tsx'),
  route('verify', 'routes/verify.tsx'),
  route('forgot', 'routes/forgot.tsx'),
  route('reset', 'routes/reset.tsx'),
  layout('routes/account-layout.tsx', [
    route('account', 'routes/account.tsx'),
    route('account/orders', 'routes/account-orders.tsx'),
    route('account/addresses', 'routes/account-addresses.tsx'),
    route('account/sessions', 'routes/account-sessions.tsx'),
  ]),
  route('sitemap.xml', 'routes/sitemap.ts'),
  route('robots.txt', 'routes/robots.ts'),
  route('inbox', 'routes/inbox.tsx'),
  route('*', 'routes/not-found.tsx'),
] satisfies RouteConfig
