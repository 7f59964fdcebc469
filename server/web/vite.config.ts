// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vite';

const msgd = process.env.MSGD_URL ?? 'http://127.0.0.1:3000';

export default defineConfig({
  build: {
    target: 'es2022',
    // The Content-Security-Policy allows nothing inline, data: included.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { input: ['index.html', 'operator.html'] },
  },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  server: {
    proxy: {
      '/api': { target: msgd, ws: true },
      '/metrics': msgd,
      '/demo': msgd,
    },
  },
});
