"""What files hold, cell by cell, and what of an appeal may be published."""
