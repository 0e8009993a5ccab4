"""The known-fact suite: cases, the rule of what is right, simple systems to compare with, gates and reports."""
