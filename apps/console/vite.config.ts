import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const server = `http://localhost:${env['WATCHFIRE_HTTP_PORT'] ?? '3000'}`;

/**
 * The page runs under a strict Content-Security-Policy: everything is a file of our own origin, so nothing is inlined as
 * `data:` and no helper script is injected into index.html.
 */
export default defineConfig({
  root: here('.'),
  plugins: [vue()],
  resolve: { alias: { '@watchfire/contracts': here('../../libs/contracts/src/index.ts') } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    outDir: here('../../dist/apps/console'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The page takes types and small constants from the contracts; the request schemas (and with them zod) stay out.
      treeshake: { moduleSideEffects: [{ test: /libs[\\/]contracts[\\/]/, sideEffects: false }] },
    },
  },
  server: {
    proxy: {
      '/api': server,
      '/health': server,
      '/socket.io': { target: server, ws: true },
      '/mqtt': { target: server, ws: true },
    },
  },
});
