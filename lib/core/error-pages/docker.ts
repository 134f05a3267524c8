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
  "NR-DOCKER-DISK-FULL": page(
    "The engine has no space left for a layer, a file or a log.",
    "Images, build caches and stopped containers of long ago.",
    "docker system df shows what takes the space, docker system prune frees what nobody uses.",
  ),
  "NR-DOCKER-IMAGE": page(
    "The nodes' image is not in the engine, and it is not fetched from anywhere.",
    "A name with a typing error, or an image that was built on another machine.",
    "Build it into this engine, or load it: docker load.",
  ),
  "NR-DOCKER-OLD": page(
    "The engine speaks no version of the API that this program speaks.",
    "An engine older than Docker 20.10, or one so new that it has dropped all of these versions.",
    "The message has both sides' versions: upgrade the older of the two.",
  ),
  "NR-DOCKER-PORT": page(
    "A port that a node's API is published at belongs to somebody else.",
    "A program or container that was started since the ports were chosen.",
    "End it; docker ps lists the ports of containers.",
  ),
  "NR-DOCKER-PROGRAM": page(
    "What a program needs in an image can't be found out, or there is no executable to put into it.",
    "A machine that isn't Linux or has no ldd, or a program that runs from source and was not built.",
    "Make images on Linux with the executable; from source, build it first: node build.mjs.",
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
};
