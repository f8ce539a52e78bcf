"""What groups assign, whichever way somebody comes into them."""
