"""What measures are worth in base units, exactly: pint's registry as a table, for its import alone takes half a second.

`tests/unit_table.py` prints the first table from pint's registry, `tests/test_units.py` compares. Not from pint: money;
months and years, which have no fixed number of days; degrees; and the acre, which pint takes in survey feet.
"""

from __future__ import annotations

FROM_PINT = """
second 1 second
millisecond 1/1000 second
microsecond 1/1000000 second
nanosecond 1/1000000000 second
minute 60 second
hour 3600 second
day 86400 second
week 604800 second
fortnight 1209600 second
meter 1 meter
kilometer 1000 meter
decimeter 1/10 meter
centimeter 1/100 meter
millimeter 1/1000 meter
micrometer 1/1000000 meter
nanometer 1/1000000000 meter
inch 127/5000 meter
foot 381/1250 meter
yard 1143/1250 meter
mile 201168/125 meter
nautical_mile 1852 meter
light_year 9460730472580800 meter
gram 1 gram
kilogram 1000 gram
milligram 1/1000 gram
microgram 1/1000000 gram
metric_ton 1000000 gram
ounce 45359237/1600000 gram
pound 45359237/100000 gram
ton 45359237/50 gram
carat 1/5 gram
liter 1/1000 meter^3
deciliter 1/10000 meter^3
centiliter 1/100000 meter^3
milliliter 1/1000000 meter^3
gallon 473176473/125000000000 meter^3
quart 473176473/500000000000 meter^3
pint 473176473/1000000000000 meter^3
cup 473176473/2000000000000 meter^3
fluid_ounce 473176473/16000000000000 meter^3
tablespoon 473176473/32000000000000 meter^3
teaspoon 157725491/32000000000000 meter^3
bushel 220244188543/6250000000000 meter^3
hectare 10000 meter^2
newton 1000 gram*meter/second^2
kilonewton 1000000 gram*meter/second^2
joule 1000 gram*meter^2/second^2
kilojoule 1000000 gram*meter^2/second^2
megajoule 1000000000 gram*meter^2/second^2
calorie 4184 gram*meter^2/second^2
kilocalorie 4184000 gram*meter^2/second^2
watt_hour 3600000 gram*meter^2/second^2
kilowatt_hour 3600000000 gram*meter^2/second^2
watt 1000 gram*meter^2/second^3
milliwatt 1 gram*meter^2/second^3
kilowatt 1000000 gram*meter^2/second^3
megawatt 1000000000 gram*meter^2/second^3
gigawatt 1000000000000 gram*meter^2/second^3
horsepower 37284993579113511/50000000000 gram*meter^2/second^3
pascal 1000 gram/meter/second^2
kilopascal 1000000 gram/meter/second^2
psi 8896443230521/1290320 gram/meter/second^2
ampere 1 ampere
milliampere 1/1000 ampere
volt 1000 gram*meter^2/ampere/second^3
millivolt 1 gram*meter^2/ampere/second^3
kilovolt 1000000 gram*meter^2/ampere/second^3
ohm 1000 gram*meter^2/ampere^2/second^3
kiloohm 1000000 gram*meter^2/ampere^2/second^3
coulomb 1 ampere*second
farad 1/1000 ampere^2*second^4/gram/meter^2
hertz 1 1/second
kilohertz 1000 1/second
megahertz 1000000 1/second
gigahertz 1000000000 1/second
mph 1397/3125 meter/second
kph 5/18 meter/second
byte 8 bit
kilobyte 8000 bit
megabyte 8000000 bit
gigabyte 8000000000 bit
terabyte 8000000000000 bit
kilobit 1000 bit
megabit 1000000 bit
gigabit 1000000000 bit
percent 1/100 1
"""
"""A line each: name, how many of the base units, the base units. Of two tons and two gallons it is the American one."""

OURS = """
month 1 month
year 12 month
decade 120 month
century 1200 month
dollar 1 dollar
cent 1/100 dollar
euro 1 euro
sterling 1 sterling
penny 1/100 dollar
yen 1 yen
yuan 1 yuan
rupee 1 rupee
paisa 1/100 rupee
degree 1 degree
celsius 1 celsius
fahrenheit 1 fahrenheit
kelvin 1 kelvin
acre 316160658/78125 meter^2
"""

READINGS = """
cent 1/100 euro
penny 1/100 sterling
pound 1 sterling
ounce 473176473/16000000000000 meter^3
"""
"""What a word of the tables above may mean as well, where only that fits."""
