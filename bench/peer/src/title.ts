import { useEffect } from "react";

/** Says the page in the document's title. */
export function useTitle(page: string): void {
  useEffect(() => {
    document.title = `${page} · CC Connect`;
  }, [page]);
}
