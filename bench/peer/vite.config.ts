import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Vite's own settings, but for the names: the hosts' rules know a file that never changes by the
// hexadecimal hash in its name.
export default defineConfig({
  plugins: [react()],
  build: {
    rolldownOptions: {
      output: {
        hashCharacters: "hex",
        entryFileNames: "assets/[name]-[hash:16].js",
        chunkFileNames: "assets/[name]-[hash:16].js",
        assetFileNames: "assets/[name]-[hash:16][extname]",
      },
    },
  },
  server: {
    // The style sheet is the application's own.
    fs: { allow: ["../.."] },
  },
});
