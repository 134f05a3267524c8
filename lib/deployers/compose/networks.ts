/** What a run's two networks are like, whoever makes them: our own calls or the compose tools. */
export const NETWORKS = {
  /** Nodes reach one another in it. Without a gateway, so that nothing gets out of it and the published ports stay where they are. */
  peers: { internal: true, options: {} },
  /** The runner reaches nodes in it. Nodes are to reach one another over the other one only, where faults cut it. */
  control: { internal: false, options: { "com.docker.network.bridge.enable_icc": "false" } },
} as const;
