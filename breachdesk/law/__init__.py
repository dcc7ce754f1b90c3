"""What the law says, as dated and sourced data: takes TOML packs, gives duties and periods."""
