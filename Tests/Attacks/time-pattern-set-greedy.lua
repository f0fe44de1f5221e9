-- A large set under a greedy repetition.
--@expect time
return ('a'):rep(300000):find('[^' .. ('b'):rep(300000) .. ']*c')
