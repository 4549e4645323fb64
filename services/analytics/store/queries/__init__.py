"""Where figures are read: `stores` (what is asked), `facts` (Postgres)."""
