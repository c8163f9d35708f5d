import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { App } from "./App";
import { Frame } from "./components/Frame";
import { loadConfig } from "./config";
import { takeResponse } from "./response";

// Before anything else, so that no token stays in the address bar.
const response = takeResponse();
// What an answer will need is on its way while the settings are.
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

// The head and the foot stand there while the settings are read.
render(<Frame />);
loadConfig().then(
  (config) => render(<App settings={config} response={response} />),
  (error: Error) => render(<App settings={error} response={undefined} />),
);
