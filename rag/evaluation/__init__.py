"""Cases, and the measurements that the README's figures come from."""
