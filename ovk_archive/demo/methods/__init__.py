"""The methods of the API as the two generations answer them."""
