import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { leanContract } from './lean-contract.ts'
import { packedFiles } from './packed-files.ts'

const inWeb = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** Builds the web app into `dist/web`, from where the service serves it. */
export default defineConfig({
  root: inWeb('.'),
  plugins: [leanContract(), react(), packedFiles(inWeb('../dist/web'))],
  build: {
    outDir: inWeb('../dist/web'),
    emptyOutDir: true,
    // Of one file, unpacked; what the first load may weigh is a test's business.
    chunkSizeWarningLimit: 1200,
    target: 'es2023',
    // Inlined files would need an exception in the content security policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { app: inWeb('index.html'), 'service-worker': inWeb('src/service-worker.ts') },
      output: {
        // The service worker needs an address that stays.
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? 'service-worker.js' : 'assets/[name]-[hash].js',
      },
    },
  },
})
