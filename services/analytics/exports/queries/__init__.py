"""What files hold, read through the store: figures as their operations answer them, and appeals to be depersonalised."""
