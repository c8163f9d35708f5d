import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { App } from "./App";
import { Frame } from "./components/Frame";
import { loadConfig } from "./config";
import { takeResponse } from "./response";

// Before anything else, so that no token stays in the address bar.
const response = takeResponse();
// Load what a response needs while the settings are loading.
if (response) {
  void import("./finish");
  void import("./pages/Overview");
}

const place = document.getElementById("app");
if (!place) throw new Error("index.html has no place for the application.");
const root = createRoot(place);
const render = (content: React.ReactNode) =>
  root.render(
    <StrictMode>
      <BrowserRouter basename={import.meta.env.BASE_URL}>{content}</BrowserRouter>
    </StrictMode>,
  );

// Show the header and footer while the settings are loading.
render(<Frame />);
loadConfig().then(
  (config) => render(<App settings={config} response={response} />),
  (error: Error) => render(<App settings={error} response={undefined} />),
);
