/** An icon of 24 by 24 units, drawn by one path. */
export function Icon({ path }: { path: string }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

export const WARNING = "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17.2v.1";
export const OVERVIEW = "M4 5h7v6H4zM4 15h7v4H4zM15 5h5v4h-5zM15 13h5v6h-5z";
export const CONNECTION =
  "M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.1-1.1";
export const PASSED = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M8 12.3l2.8 2.8L16 9.5";
export const NEITHER = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M8.5 12h7";
