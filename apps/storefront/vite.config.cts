/**
 * CommonJS on purpose: React Router loads this file once more by Vite's bundling loader, which evaluates CommonJS in memory but
 * writes a compiled copy of an ES module into node_modules, and a clone may be read-only.
 */
const { reactRouter } = require('@react-router/dev/vite') as typeof import('@react-router/dev/vite', { with: { 'resolution-mode': 'import' } })
const tailwindcss = require('@tailwindcss/vite') as typeof import('@tailwindcss/vite', { with: { 'resolution-mode': 'import' } })

module.exports = {
  mode: 'production',
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [tailwindcss.default(), reactRouter()],
  // Fonts and pictures stay files: inlined ones could not be cached or allowed by the content security policy.
  build: { assetsInlineLimit: 0, reportCompressedSize: false, target: 'es2022' },
  environments: {
    ssr: {
      // Everything is bundled, so that the server build runs from any folder, with one copy of React.
      resolve: { noExternal: true },
      build: { target: 'node24', minify: false },
    },
  },
}
