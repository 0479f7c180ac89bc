"""Sales: from orders to deliveries."""
