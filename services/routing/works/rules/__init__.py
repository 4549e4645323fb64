"""Pure: which planned work an appeal comes from."""
