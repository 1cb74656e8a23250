print("quartermaster-plugin-simulator")
