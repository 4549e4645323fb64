"""Measuring figures on a nation's worth of appeals: `otklik bench analytics`."""
