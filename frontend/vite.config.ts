import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The server serves dist/ under /static/ and returns dist/staff/index.html and dist/wishes/index.html for their routes.
export default defineConfig({
  base: "/static/",
  plugins: [vue()],
  resolve: { alias: { "@": at("./src") } },
  build: {
    rollupOptions: { input: { staff: at("./staff/index.html"), wishes: at("./wishes/index.html") } },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/graphql": "http://127.0.0.1:8000", "/api": "http://127.0.0.1:8000" } },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
});
