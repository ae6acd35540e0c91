/** A route as `ip -j route` prints it. */

export interface RouteRow {
  /** `inet6`, where both families are shown. */
  family?: string;
  /** Absent: unicast. */
  type?: string;
  /** `default`, an address, or an address with its prefix. */
  dst: string;
  gateway?: string;
  via?: { family: string; host: string };
  dev?: string;
  /** Absent: main. */
  table?: string;
  protocol?: string;
  /** Absent: global. */
  scope?: string;
  prefsrc?: string;
  metric?: number;
  flags: readonly string[];
  nexthops?: readonly NexthopRow[];
  [more: string]: unknown;
}
export interface NexthopRow {
  gateway?: string;
  via?: { family: string; host: string };
  dev: string;
  weight: number;
  flags: readonly string[];
}
