/** What `withCapabilities` sets at once. */
export interface Capabilities {
  /** As `enableNodeControl()`; false by default. */
  readonly nodeControl?: boolean;
  /** As `withMetricsQueryUrl`. */
  readonly metricsQueryUrl?: string;
  /** As `withMetricsOtlpIngestUrl`. */
  readonly metricsOtlpIngestUrl?: string;
  /** As `withGrafanaUrl`. */
  readonly grafanaUrl?: string;
}

/** Genesis wallets, as `withWalletConfig` takes them. */
export interface WalletConfig {
  /** Tokens of all wallets together, at least one for each. */
  readonly totalFunds: number;
  /** Number of wallets, 1 to 1,000,000. */
  readonly users: number;
}
