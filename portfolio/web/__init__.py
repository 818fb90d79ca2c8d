"""What every page stands on: pages and fragments, forms, uploads, errors, cookies, logs. Knows no capability."""
