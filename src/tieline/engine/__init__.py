"""What performs the triggers' commands durably, behind one seam."""
