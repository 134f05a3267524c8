import { page } from "./page.ts";

/** Pages of codes that a Docker Engine gives cause for. */
export const DOCKER_PAGES = {
  "NR-DOCKER-ABSENT": page(
    "Nothing listens where the Docker Engine should.",
    "It is not installed, not started, or at another address than DOCKER_HOST or the context says.",
    "Start it; nomos-run doctor shows where it was looked for.",
  ),
  "NR-DOCKER-ADDRESS": page(
    "DOCKER_HOST, DOCKER_CONTEXT or Docker's own configuration name an engine in a way that can't be followed.",
    "A typing error, a context that was removed, a form of address that is not supported.",
    "Write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST, or choose a context that docker context ls shows.",
  ),
  "NR-DOCKER-ARCHIVE": page(
    "A file that was to be loaded as the embedded node's image can't be used.",
    "It is cut or no archive, it is for another processor than the engine's machine, or it has another build of this program in it.",
    "Take the archive for the engine's processor from the release that this program is of.",
  ),
  "NR-DOCKER-DISK-FULL": page(
    "The engine has no space left for a layer, a file or a log.",
    "Images, build caches and stopped containers of long ago.",
    "docker system df shows what takes the space, docker system prune frees what nobody uses.",
  ),
  "NR-DOCKER-FILTER": page(
    "Rules for partitions, loss or bandwidth could not be put into a container's network.",
    "A container that somebody took out of its network, or a kernel that refuses what it took when it was asked before.",
    "The message has the words of iptables or tc; dmesg on the engine's machine may have more.",
  ),
  "NR-DOCKER-IMAGE": page(
    "The nodes' image is not in the engine, and it is not fetched from anywhere.",
    "A name with a typing error, or an image that was built on another machine.",
    "Build it into this engine, or load it: docker load.",
  ),
  "NR-DOCKER-KERNEL": page(
    "A fault of links needs something that the kernel below the engine was asked for and doesn't have.",
    "A small kernel without its modules: nf_tables or ip_tables for partitions, xt_statistic for loss, sch_netem for delays, sch_htb, cls_u32 and sch_tbf for bandwidth.",
    "Load the module on the engine's machine (modprobe sch_netem), use another engine, or leave the fault out.",
  ),
  "NR-DOCKER-LIMITS": page(
    "The plan gives each node more processors than the engine's machine has, or its kernel has no control groups for such limits.",
    "A smaller machine than the scenario was written for; a kernel without CONFIG_CFS_BANDWIDTH, or without cgroup_enable=memory.",
    "Use smaller limits: --set topology.limits.cpus=1. docker info warns of what the kernel lacks.",
  ),
  "NR-DOCKER-OLD": page(
    "The engine speaks no version of the API that this program speaks.",
    "An engine older than Docker 20.10, or one so new that it has dropped all of these versions.",
    "The message has both sides' versions: upgrade the older of the two.",
  ),
  "NR-DOCKER-ENDED": page(
    "The Docker Engine ended while containers of the run were in it, or the connection to it broke.",
    "A restart or an update of the engine, a crash of it, or for one on another machine the network.",
    "Run it again. What was left is removed as soon as the engine answers; nomos-run ps shows whether anything still is there.",
  ),
  "NR-DOCKER-REMOVED": page(
    "A container of the run was removed by somebody else, so nothing can be said about the network any more.",
    "docker compose down, docker rm or docker system prune on this engine.",
    "Run it again and leave it alone; the inventory in run.json marks what was taken away.",
  ),
  "NR-DOCKER-PORT": page(
    "A port that a node's API is published at belongs to somebody else.",
    "A program or container that was started since the ports were chosen.",
    "End it; docker ps lists the ports of containers.",
  ),
  "NR-DOCKER-PROGRAM": page(
    "What a program needs in an image can't be found out, or there is no executable to put into it.",
    "A machine that isn't Linux, is of another processor than the engine's, or has no ldd; a program that runs from source and was not built.",
    "Make images on Linux with the executable; from source, build it first: node build.mjs. Elsewhere put the release's nomos-run-image-linux-x64.tar or -arm64.tar beside the program.",
  ),
  "NR-DOCKER-REFUSED": page(
    "The engine answered a request with an error.",
    "The message has its words.",
    "The engine's log has more: journalctl -u docker.",
  ),
  "NR-DOCKER-RIGHTS": page(
    "The engine's socket may not be opened by this user.",
    "The user is not in the group docker.",
    "Have an administrator add the user to it, and log in again.",
  ),
  "NR-DOCKER-SERVICE": page(
    "A server that stays beside runs, such as Prometheus or Grafana, ended at once or did not get ready within a minute.",
    "An image of something else, or of a version that knows other options; a port that is taken; an engine that isn't Linux's own, where the network of the host is another machine's.",
    "The message has the server's last words. docker run IMAGE --version tells whether the image is the right one.",
  ),
  "NR-DOCKER-SILENT": page(
    "Something accepts connections where the engine should, and doesn't answer.",
    "An engine that hangs or still starts, a machine at its limits, a firewall.",
    "Try docker version; restart the engine if that hangs too.",
  ),
  "NR-DOCKER-SUBNET": page(
    "Every address range for a run's networks overlaps with a network that is there.",
    "Networks of runs that were not removed, or other networks of yours.",
    "nomos-run clean removes what runs left; docker network ls shows the rest.",
  ),
  "NR-DOCKER-TOOLS": page(
    "Faults of links are made by iptables and tc in an image of their own, and it can be neither made nor found.",
    "A machine without these programs, that isn't Linux, or whose processor isn't that of the engine's machine.",
    "On Linux install iptables and iproute2. Elsewhere give the engine an image of the name nomos-run-tools that has them, or put its archive beside nomos-run: docs/compose.md says how.",
  ),
};
