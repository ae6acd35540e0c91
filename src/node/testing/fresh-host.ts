/** A host that a test may do anything to: networks, mounts and processes of its own, /run and /var/lib empty, its /etc a copy. */
import { tryRun } from "../../kernel/testing/run.ts";

export const podwire = `${import.meta.dir}/../../../dist/podwire`;

/** A card with an address, and a way out over it. */
const prepare = `
mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/lib; mount -t tmpfs tmpfs /mnt
cp -a /etc /mnt/etc; mount --bind /mnt/etc /etc
ip link set lo up
ip link add eth0 type veth peer name wire
ip address add 10.0.0.5/24 dev eth0
ip link set eth0 up; ip link set wire up
ip route add default via 10.0.0.1
`;

/** What a shell script prints there. It ends at the first command that fails. `$podwire` is the program. */
export const onFreshHost = (script: string): string => {
  const inside = ["unshare", "--net", "--mount", "--propagation", "private", "--pid", "--fork", "--mount-proc"];
  const { code, stdout, stderr } = tryRun([...inside, "bash", "-euc", `${prepare}\n${script}`], { env: { podwire } });
  if (code !== 0) throw new Error(`exit ${code}\n${stdout}\n${stderr}`);
  return stdout;
};
