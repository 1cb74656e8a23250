// Daemons
