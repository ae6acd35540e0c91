/** Links as a result tells them. */
import type { Netns } from "../../net/kernel.ts";
import { needLinkFace } from "../../net/links.ts";
import type { ResultInterface } from "../spec/types.ts";

/** `sandbox` is the path of the pod's namespace. @throws FaultError not-found */
export const tellLink = (ns: Netns, name: string, sandbox?: string): ResultInterface => {
  const { mtu, mac } = needLinkFace(ns, name);
  return { name, mtu, ...(mac && { mac }), ...(sandbox !== undefined && { sandbox }) };
};
