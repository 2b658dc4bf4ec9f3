"""The emoji names a reaction may have; the real list is longer, the refusal is the same."""

import re

_NAMES = """
+1 -1 100 1234 accept airplane alarm_clock alien ambulance angel anger angry anguished ant apple
arrow_backward arrow_double_down arrow_double_up arrow_down arrow_forward arrow_heading_down
arrow_heading_up arrow_left arrow_lower_left arrow_lower_right arrow_right arrow_right_hook
arrow_up arrow_upper_left arrow_upper_right arrows_clockwise arrows_counterclockwise art asterisk
astonished atom baby back ballot_box ballot_box_with_check balloon bangbang bar_chart battery
beach bear bed beer beers beetle bell bell_off bento bike bird birthday black_circle black_heart
black_large_square black_small_square blossom blue_book blue_circle blue_heart blush boar boat
bomb book bookmark bookmark_tabs books boom bouquet bow bow_and_arrow boy brain bread
bride_with_veil bridge_at_night briefcase broken_heart brown_circle bug building_construction bulb
bullettrain_front bus busstop bust_in_silhouette busts_in_silhouette cake calendar calendar_spiral
call_me camera candle candy car card_box card_index cat cd chart chart_with_downwards_trend
chart_with_upwards_trend checkered_flag cheese cherries chicken chipmunk church cinema circus_tent
city_sunset clap clapper classical_building clipboard clock clock1 clock10 clock11 clock12 clock2
clock3 clock4 clock5 clock6 clock7 clock8 clock9 closed_book closed_lock_with_key cloud clown
cocktail coffee coffin cold_sweat comet compass computer confetti_ball confounded confused
congratulations construction construction_site construction_worker control_knobs convenience_store
cookie cooking cop copyright corn couch couple cow crab credit_card cricket crocodile cross
crossed_swords crown cry crying_cat_face crystal_ball cupid curly_loop currency_exchange curry
cyclone dagger dancer dango dark_sunglasses dart dash date deer department_store desert desktop
diamond_shape_with_a_dot_inside diamonds disappointed disappointed_relieved dividers dizzy
dizzy_face dog dollar dolls dolphin door doughnut dove dragon dragon_face dress droplet drum duck
dvd e-mail eagle ear ear_of_rice earth_africa earth_americas earth_asia egg eggplant eight
eight_pointed_black_star eight_spoked_asterisk electric_plug elephant email end envelope
envelope_with_arrow euro exclamation expressionless eye eyeglasses eyes face_palm factory
fallen_leaf family fast_forward fax fearful feet fencer ferry field_hockey file_cabinet
file_folder film_frames fingers_crossed fire fire_engine fireworks first_place fish
fishing_pole_and_fish fist five flag_black flag_white flags flame flashlight floppy_disk
flower_playing_cards flushed fog foggy football footprints fork_and_knife four four_leaf_clover
fox frame_photo free french_bread fries frog frowning frowning2 fuelpump full_moon game_die gear
gem ghost gift gift_heart girl globe_with_meridians goat golf gorilla grapes grey_exclamation
grey_question green_apple green_book green_circle green_heart grimacing grin grinning guitar gun
hamburger hammer hammer_and_wrench hammer_pick hamster hand_splayed handbag handshake hash
hatched_chick hatching_chick head_bandage headphones hear_no_evil heart heart_exclamation
heart_eyes heartbeat heartpulse hearts heavy_check_mark heavy_division_sign heavy_dollar_sign
heavy_minus_sign heavy_multiplication_x heavy_plus_sign helicopter helmet_with_cross herb hibiscus
high_brightness high_heel hole homes honey_pot horse hospital hot_pepper hotdog hotel hourglass
hourglass_flowing_sand house hugging hushed ice_cream id imp inbox_tray incoming_envelope
information_desk_person information_source innocent interrobang iphone island jack_o_lantern japan
jeans joy joystick key key2 keyboard kimono kiss kissing kiwi knife koala label large_blue_circle
large_orange_diamond last_quarter_moon laughing leaves ledger left_luggage left_right_arrow lemon
level_slider light_rail link lion_face lips lipstick lizard lock lock_with_ink_pen lollipop loop
loud_sound loudspeaker love_letter low_brightness lying_face m mag mag_right mahjong mailbox
mailbox_closed mailbox_with_mail man mans_shoe map maple_leaf martial_arts_uniform mask mega melon
memo menorah metal metro microphone microphone2 microscope middle_finger military_medal milk
minibus mobile_phone_off money_mouth money_with_wings moneybag monkey monkey_face monorail
mortar_board motor_scooter motorboat motorcycle mountain mouse mouse2 movie_camera moyai muscle
mushroom musical_keyboard musical_note musical_score mute nail_care name_badge nauseated_face
necktie negative_squared_cross_mark nerd neutral_face new new_moon newspaper next_track ng
night_with_stars nine no_bell no_entry no_entry_sign no_good no_mobile_phones no_mouth no_smoking
non-potable_water nose notebook notepad_spiral notes nut_and_bolt o o2 ocean octagonal_sign
octopus office oil ok ok_hand older_man older_woman om_symbol on one open_file_folder open_hands
open_mouth ophiuchus orange_book orange_circle orange_heart outbox_tray owl ox package
page_facing_up page_with_curl pager paintbrush palm_tree pancakes panda_face paperclip paperclips
parking part_alternation_mark partly_sunny passport_control pause_button peace peach peanuts pear
pen_ballpoint pen_fountain pencil pencil2 penguin pensive performing_arts persevere
person_frowning pick pig pill pineapple ping_pong pizza play_pause point_down point_left
point_right point_up point_up_2 police_car poop popcorn post_office postal_horn postbox
potable_water potato pouch pound pray previous_track prince princess printer purple_circle
purple_heart purse pushpin question rabbit race_car radio radio_button radioactive rage
railway_car rainbow raised_hand raised_hands raising_hand ram ramen rat record_button recycle
red_car red_circle registered relaxed relieved reminder_ribbon repeat repeat_one restroom
revolving_hearts rewind rhino ribbon rice rice_ball ring robot rocket rofl roller_coaster
rolling_eyes rooster rose rotating_light round_pushpin rowboat rugby_football runner
running_shirt_with_sash sagittarius sailboat sake sandal santa satellite satellite_orbital
sauropod saxophone scales school school_satchel scissors scooter scorpion scream scroll seat
second_place secret see_no_evil seedling seven shallow_pan_of_food shamrock shark shaved_ice sheep
shell shield ship shirt shopping_bags shopping_cart shower shrimp shrug signal_strength six ski
skull sleeping sleepy slight_frown slight_smile slot_machine small_blue_diamond
small_orange_diamond small_red_triangle small_red_triangle_down smile smile_cat smiley smiling_imp
smirk smoking snail snake sneezing_face snowboarder snowflake snowman sob soccer soon sos sound
space_invader spades spaghetti sparkle sparkler sparkles sparkling_heart speak_no_evil speaker
speech_balloon speedboat spider spider_web spoon spy squid stadium star star2 stars station
statue_of_liberty stew stop_button stopwatch straight_ruler strawberry stuck_out_tongue
stuck_out_tongue_winking_eye studio_microphone stuffed_flatbread sun_with_face sunflower
sunglasses sunny sunrise surfer sushi suspension_railway sweat sweat_drops sweat_smile swimmer
symbols syringe taco tada tangerine taxi tea telephone telephone_receiver telescope tennis tent
thermometer thermometer_face thinking third_place thought_balloon three thumbsdown thumbsup
thunder_cloud_rain ticket tickets tiger timer tired_face tm toilet tokyo_tower tomato tongue tools
top tophat track_next tractor traffic_light train tram triangular_flag_on_post triangular_ruler
trident triumph trolleybus trophy tropical_drink trumpet truck tulip turtle tv
twisted_rightwards_arrows two umbrella unamused underage unicorn unlock up upside_down v
vertical_traffic_light vhs vibration_mode video_camera video_game violin volcano volleyball vulcan
walking warning wastebasket watch watermelon wave wavy_dash waxing_crescent_moon weary wedding
whale wheel_of_dharma wheelchair white_check_mark white_circle white_flower white_heart
white_large_square white_medium_square wind_blowing_face wine_glass wink wolf woman womens worried
wrench wrestlers x yellow_circle yellow_heart yen yum zap zero zipper_mouth zzz
"""

EMOJI = frozenset(_NAMES.split())
# Each has its shades of skin, and each country its flag.
_BARE = re.compile(r"_tone[1-5]\Z")
_FLAG = re.compile(r"flag_[a-z]{2}")


def emoji_key(text: str) -> str | None:
    """Return `:name:` for an emoji written with or without colons; None for no emoji."""
    name = text.replace(":", "")
    return f":{name}:" if _BARE.sub("", name) in EMOJI or _FLAG.fullmatch(name) else None
